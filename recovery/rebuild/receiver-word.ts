/** What was found of the receiver of a log: none is there to be asked, it answers, or why it does not. */
export type ReceiverLook = 'none' | 'answers' | { readonly why: string };

/**
 * What speaks against a rebuild because of the receiver, which may have what was committed last; nothing: it can be asked when its turn comes, or a
 * person does without. Pure.
 *
 * @param word name of the host, as a person wrote it
 */
export function receiverFaults(
  host: string,
  look: ReceiverLook,
  word: string | undefined,
): readonly string[] {
  if (look === 'none')
    return word === undefined
      ? []
      : [`--without-receiver ${word}: no receiver is asked for what is to be restored`];
  if (word !== undefined) return word === host ? [] : [`--without-receiver ${word} is not ${host}`];
  return look === 'answers'
    ? []
    : [
        `the receiver of the log, which may have what was committed last, cannot be asked (${look.why}): --without-receiver ${host} says that what the archive has is enough`,
      ];
}
