-- A key that comes again is counted, not stored again. Notes of before have none.
ALTER TABLE notes ADD COLUMN idempotency_key text UNIQUE;
ALTER TABLE notes ADD COLUMN seen integer NOT NULL DEFAULT 1;
