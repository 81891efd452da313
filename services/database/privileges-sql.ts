/**
 * What is held and what is wanted, compared: `REVOKE` for what is too much, `GRANT` for what is missing, each statement
 * for as many objects as it is the same for.
 *
 * Reads two views of the session:
 *
 * | view | columns |
 * | --- | --- |
 * | object | kind (as the model calls it), word (as SQL does), identity, part (`(column)`, or empty), schema (or NULL), owner, class (as of `acldefault`), acl, in_model |
 * | entitled | kind, word, identity, part, grantee, privilege |
 *
 * Looked at are the roles of ours and PUBLIC everywhere, and the owner on objects of the model. What somebody gave to a
 * role that is not ours stays.
 *
 * A privilege goes with who gave it, and `REVOKE` by a superuser takes what the owner gave (PostgreSQL 15, "REVOKE"). What
 * another role gave is therefore taken as that one.
 */
export const privilegesSql = `
CREATE TEMPORARY VIEW given AS
  SELECT kind, word, identity, part, schema, owner, in_model, grantor, grantee, privilege_type AS privilege, is_grantable
    FROM pg_temp.object CROSS JOIN LATERAL aclexplode(coalesce(acl, acldefault(class, owner)))
    WHERE in_model OR acl IS NOT NULL;

CREATE TEMPORARY VIEW held AS
  SELECT * FROM pg_temp.given
    WHERE grantee = 0 OR (in_model OR grantee <> owner) AND grantee IN (SELECT oid FROM pg_temp.managed)
      OR in_model AND grantee = owner;

CREATE TEMPORARY VIEW taken AS
  WITH due AS MATERIALIZED (
    SELECT kind, identity, part, grantee, privilege FROM pg_temp.entitled
  ), surplus AS (
    SELECT *, (kind, identity, part, grantee, privilege) IN (SELECT * FROM due) AS only_option FROM pg_temp.held
  )
  SELECT word, identity, part, schema, CASE WHEN only_option THEN 'GRANT OPTION FOR ' ELSE '' END AS option,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
      CASE WHEN grantor <> owner THEN grantor END AS grantor,
      string_agg(concat_ws(' ', privilege, nullif(part, '')), ', ' ORDER BY privilege) AS privileges
    FROM surplus WHERE NOT only_option OR is_grantable AND grantee NOT IN (0, owner)
    GROUP BY word, identity, part, schema, owner, only_option, grantee, grantor;

CREATE FUNCTION pg_temp.say_taken(option text, privileges text, word text, identities text[], grantee text, suffix text)
  RETURNS text LANGUAGE sql AS $$ SELECT CASE option
    WHEN '' THEN pg_temp.say('took %s on %s %s from %s%s', privileges, lower(word), pg_temp.some(identities), grantee, suffix)
    ELSE pg_temp.say('%s may no longer give %s on %s %s to others%s', grantee, privileges, lower(word),
      pg_temp.some(identities), suffix) END $$;

-- What others gave comes first: it may hang on what the owner gave them. A superuser could only act as the owner, and is
-- none until its grants are taken, which nobody outside of this transaction sees. To name an object, its schema is needed.
CREATE TEMPORARY TABLE set_back ON COMMIT DROP AS
  SELECT DISTINCT rolname AS name FROM pg_temp.taken JOIN pg_roles ON oid = grantor WHERE rolsuper AND rolname <> current_user;

SELECT format('ALTER ROLE %I NOSUPERUSER', name) FROM pg_temp.set_back \\gexec

-- What hung on something that was taken before is gone by then, and its giver may have nothing left to take it with.
CREATE FUNCTION pg_temp.take(surplus pg_temp.taken) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    giver name := pg_get_userbyid(surplus.grantor);
    hidden boolean := surplus.schema IS NOT NULL AND NOT has_schema_privilege(surplus.grantor, surplus.schema::text, 'USAGE');
    there text;
  BEGIN
    SELECT privileges INTO there FROM pg_temp.taken AS now
      WHERE (now.word, now.identity, now.part, now.option, now.grantee, now.grantor)
        = (surplus.word, surplus.identity, surplus.part, surplus.option, surplus.grantee, surplus.grantor);
    IF FOUND THEN
      IF hidden THEN EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', surplus.schema, giver); END IF;
      BEGIN
        EXECUTE format('SET LOCAL ROLE %I', giver);
        EXECUTE format('REVOKE %s%s ON %s %s FROM %s CASCADE', surplus.option, there, surplus.word, surplus.identity, surplus.grantee);
      EXCEPTION WHEN insufficient_privilege THEN -- Whether it is there still is asked in the end.
      END;
      RESET ROLE;
      IF hidden THEN EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %I', surplus.schema, giver); END IF;
    END IF;
    RETURN pg_temp.say_taken(surplus.option, surplus.privileges, surplus.word, ARRAY[surplus.identity], surplus.grantee,
      format(', which %s had given', giver));
  END $$;

SELECT pg_temp.take(taken) FROM pg_temp.taken WHERE grantor IS NOT NULL ORDER BY word, identity, grantee \\gexec

SELECT format('ALTER ROLE %I SUPERUSER', name) FROM pg_temp.set_back \\gexec

SELECT format('REVOKE %s%s ON %s %s FROM %s CASCADE', option, privileges, word, string_agg(identity, ', ' ORDER BY identity), grantee),
    pg_temp.say_taken(option, privileges, word, array_agg(identity ORDER BY identity), grantee, '')
  FROM pg_temp.taken WHERE grantor IS NULL GROUP BY option, word, privileges, grantee ORDER BY word, grantee \\gexec

-- Whoever gave it has lost the right to give, or acts as the owner for another reason: a person must look.
CREATE FUNCTION pg_temp.fail(message text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', message; END $$;

SELECT pg_temp.fail(format('%s still has %s%s on %s %s, which %s gave and cannot take: give that one the right to give it, and revoke that with CASCADE',
    grantee, lower(option), privileges, lower(word), identity, coalesce(pg_get_userbyid(grantor), 'the owner')))
  FROM pg_temp.taken LIMIT 1;

SELECT format('GRANT %s ON %s %s TO %s', privileges, word, string_agg(identity, ', ' ORDER BY identity), grantee),
    pg_temp.say('gave %s on %s %s to %s', privileges, lower(word), pg_temp.some(array_agg(identity ORDER BY identity)), grantee)
  FROM (
    SELECT word, identity, quote_ident(pg_get_userbyid(grantee)) AS grantee,
        string_agg(privilege, ', ' ORDER BY privilege) AS privileges
      FROM (SELECT kind, word, identity, part, grantee, privilege FROM pg_temp.entitled WHERE grantee <> 0
        EXCEPT SELECT kind, word, identity, part, grantee, privilege FROM pg_temp.held) AS difference
      GROUP BY word, identity, grantee
  ) AS missing GROUP BY word, privileges, grantee ORDER BY word, grantee \\gexec
`;

/** The owner has every privilege that there is. */
export const ownersOwn = `
  SELECT kind, word, identity, part, grantee, privilege_type AS privilege
    FROM pg_temp.object CROSS JOIN LATERAL aclexplode(acldefault(class, owner))
    WHERE in_model AND grantee = owner`;
