import { keyTexts, project } from '../emulator/rig';

/** User data as the provider takes it; another text is another document. */
export const userData = (text: string): string =>
  Buffer.from(`#cloud-config\n# ${text}\n`).toString('base64');

export const key = { name: 'deploy', public_key: keyTexts[0] };
export const server = {
  project_id: project,
  plan: 'B1-2-2gb-40s-shared',
  region: 'LT-Siauliai',
  image: 'ubuntu_22_04',
  hostname: 'prod-app',
  name: 'prod-app',
  ssh_key_ids: ['${cherryservers_ssh_key.deploy.id}'],
  user_data: userData('first'),
};
/** A key and a server that is installed with it. */
export const withServer = (changes: object = {}): object => ({
  resource: {
    cherryservers_ssh_key: { deploy: key },
    cherryservers_server: { app: { ...server, ...changes } },
  },
});
/** Address of that server. */
export const app = 'cherryservers_server.app';
