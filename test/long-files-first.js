const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Their tests take minutes: begun last, they would leave one of two processors with nothing to do for as long. */
const longest = [
  'test/tool/services/archive/kills.test.ts',
  'test/tool/services/database/provision.test.ts',
  'test/tool/services/archive/archive.test.ts',
  'test/tool/services/archive/receiver.test.ts',
  'test/tool/workflows/played.test.ts',
].map((file) => join(__dirname, '..', file));

const missing = longest.filter((file) => !existsSync(file));
if (missing.length > 0) throw new Error(`these files of tests are not there any more: ${missing.join(', ')}`);

/** Jest's own order (what failed before, what took long before, large files), behind the longest. */
module.exports = class LongFilesFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (longest.includes(path) ? longest.indexOf(path) : longest.length);
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
