import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
export interface Parameter {
  readonly Type: 'String' | 'Number';
  readonly Description: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: (string | number)[];
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly ConstraintDescription?: string;
}

/** Those parts that a template's values decide. */
export interface Template {
  readonly [section: string]: Json;
  readonly Conditions: { [name: string]: Json };
  readonly Resources: { [name: string]: Json };
}

/** A CloudFormation template in YAML, with its functions in their long form. */
export function read(file: string): { template: Template; parameters: { [name: string]: Parameter } } {
  const document = parseDocument(readFileSync(file, 'utf8'), { logLevel: 'error' });
  const { Parameters, Metadata, ...template } = long(document.contents as Node) as { [section: string]: Json };
  return { template: template as Template, parameters: Parameters as unknown as { [name: string]: Parameter } };
}

/** `!Ref x` is `{"Ref": "x"}`, `!Sub x` is `{"Fn::Sub": "x"}`. */
function long(node: Node): Json {
  const value = isMap<Node, Node>(node) ? Object.fromEntries(node.items.map(({ key, value }) => [String(key), long(value as Node)]))
    : isSeq<Node>(node) ? node.items.map(long)
    : isScalar(node) ? node.value as Json : null;
  const { tag } = node as { tag?: string };
  if (!tag?.startsWith('!')) {
    return value;
  }
  const name = tag.slice(1);
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
}
