'use strict';

const { createServer } = require('node:http');
const { createStub } = require('./stub');

const stub = createStub();
const server = createServer((request, response) => {
  stub(request, response).catch((cause) => {
    process.stdout.write(`a request failed: ${cause.message}\n`);
    response.destroy();
  });
});
server.listen(8080, () => process.stdout.write('listening on port 8080\n'));
// Process number 1 of a container gets no signal that it does not listen to.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
