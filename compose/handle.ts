import { Construct } from 'constructs';
import type { Project } from './project';

/** Something that a project declares and its services use. */
export abstract class Handle<Owner extends string> extends Construct {
  constructor(
    readonly project: Project<Owner>,
    section: 'services' | 'networks' | 'volumes' | 'folders',
    readonly name: string,
  ) {
    super(project.section(section), name);
  }
}
