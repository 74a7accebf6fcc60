import ts from 'typescript';

/** A test that shows a requirement says so in the brackets its name begins with: `[S4] …`, `[S4, S5] …`. */
export interface Citation {
  readonly id: string;
  readonly where: string;
}

/** The citations of one file. What is skipped or still to do shows nothing. */
export function citationsIn(file: string, text: string): readonly Citation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Citation[] = [];
  const visit = (node: ts.Node): void => {
    const name = ts.isCallExpression(node) ? testName(node) : undefined;
    if (name === false) return;
    if (name !== undefined) {
      const where = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      found.push(...idsOf(name).map((id) => ({ id, where })));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The name of a test or a group, undefined for another call, false for what does not run. */
function testName({ expression, arguments: [name] }: ts.CallExpression): string | false | undefined {
  const words = expression.getText().split(/\W+/);
  if (!['it', 'test', 'describe'].includes(words[0] ?? '')) return undefined;
  if (/^\w+(\.\w+)*\.(skip|todo)\b/.test(expression.getText())) return false;
  if (!name) return undefined;
  if (ts.isStringLiteralLike(name)) return name.text;
  return ts.isTemplateExpression(name) ? name.head.text : undefined;
}

/** `[S4] [protocol A3] refuses …` cites S4 and protocol A3. */
function idsOf(name: string): readonly string[] {
  const [brackets = ''] = /^(\s*\[[^\]]*\])*/.exec(name) ?? [];
  return [...brackets.matchAll(/\[([^\]]*)\]/g)].flatMap(([, ids = '']) => ids.split(',').map((id) => id.trim()));
}
