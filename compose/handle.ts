import { Construct } from 'constructs';
import { idWithin } from './construct-id';
import type { Project, Section } from './project';

/** Something that a project declares and its services use. The owner's name is part of its type. */
export abstract class Handle<Owner extends string> extends Construct {
  constructor(
    readonly project: Project<Owner>,
    section: Section,
    readonly name: string,
  ) {
    super(project.section(section), idWithin(project.section(section), name));
  }
}
