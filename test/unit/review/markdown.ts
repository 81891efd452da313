import { parsers } from 'prettier/plugins/markdown';

/** A node of the tree that prettier's parser of Markdown makes. */
interface MarkdownNode {
  readonly type: string;
  readonly value?: string;
  readonly lang?: string | null;
  readonly children?: readonly MarkdownNode[];
}

const parse = (markdown: string): MarkdownNode =>
  parsers.markdown.parse(markdown, { originalText: markdown } as never) as MarkdownNode;

/** What a text is made of, without the words: types of nodes, HTML tags, languages of blocks. */
export function skeleton(markdown: string): unknown {
  const of = ({ type, value, lang, children }: MarkdownNode): unknown => [
    type,
    ...(type === 'html' ? [value!.startsWith('<!-- cogni-review ') ? 'marker' : value] : []),
    ...(type === 'code' ? [lang] : []),
    ...(children === undefined
      ? []
      : [
          children
            .map(of)
            // Words are one text or several, as their signs fall.
            .filter((each, index, all) => !(isText(each) && isText(all[index - 1]))),
        ]),
  ];
  return of(parse(markdown));
}

const isText = (node: unknown): boolean => Array.isArray(node) && node[0] === 'text';

/** Every word that a reader sees, node by node. */
export function texts(markdown: string): readonly string[] {
  const of = ({ type, value, children }: MarkdownNode): readonly string[] =>
    type === 'text' || type === 'code' ? [value ?? ''] : (children ?? []).flatMap(of);
  return of(parse(markdown));
}
