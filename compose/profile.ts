import { Handle } from './handle';
import type { Project } from './project';

/**
 * A name by which services are asked for that are otherwise not started: `docker compose --profile <name>`. Services name the
 * object, so that one which is not declared does not compile.
 */
export class Profile<Owner extends string = string> extends Handle<Owner> {
  constructor(project: Project<Owner>, name: string) {
    super(project, 'profiles', name);
    project.profiles.push(this);
  }
}
