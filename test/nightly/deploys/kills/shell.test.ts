import { describeKillsOf } from './every-step';

describeKillsOf('shell');
