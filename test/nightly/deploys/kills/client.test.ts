import { describeKillsOf } from './every-step';

describeKillsOf('client');
