/**
 * Concurrency groups (GitHub documentation, "Control the concurrency of workflows and jobs"): one run of a group at a time.
 * One more may wait; the next one that comes takes its place, and what waited is cancelled. Where `cancelInProgress` is said, what
 * runs is cancelled as well.
 */
export class Groups {
  private readonly groups = new Map<string, { running: Member; waiting?: Member }>();

  /**
   * Waits for its turn.
   *
   * @param cancel called when something newer takes the place of this one while it runs
   * @returns leaves the group; undefined when something newer took its place while it waited
   */
  enter(name: string, cancelInProgress: boolean, cancel: () => void): Promise<(() => void) | undefined> {
    const group = this.groups.get(name);
    return new Promise((resolve) => {
      const member: Member = { begin: resolve, cancel };
      if (group === undefined) {
        this.groups.set(name, { running: member });
        resolve(() => this.leave(name));
        return;
      }
      group.waiting?.begin(undefined);
      group.waiting = member;
      if (cancelInProgress) group.running.cancel();
    });
  }

  private leave(name: string): void {
    const waiting = this.groups.get(name)?.waiting;
    if (waiting === undefined) {
      this.groups.delete(name);
      return;
    }
    this.groups.set(name, { running: waiting });
    waiting.begin(() => this.leave(name));
  }
}

interface Member {
  readonly begin: (leave: (() => void) | undefined) => void;
  readonly cancel: () => void;
}
