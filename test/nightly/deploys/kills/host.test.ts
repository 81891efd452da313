import { describeKillsOf } from './every-step';

describeKillsOf('host');
