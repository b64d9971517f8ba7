import type { Values } from './parameters';
import type { Json, Template } from './template';

type Fields = { [key: string]: Json };

/**
 * A template without parameters and conditions, since all values are known.
 *
 * As parameters they would not be changed by another default: `cdk deploy` sends what they were before
 * (`--previous-parameters`).
 */
export function settled(template: Template, values: Values): Fields {
  const holds = (condition: Json): boolean => {
    const [[name, argument]] = Object.entries(condition as Fields);
    const parts = argument as Json[];
    switch (name) {
      case 'Condition': return holds(template.Conditions[argument as string]);
      case 'Fn::Not': return !holds(parts[0]);
      case 'Fn::And': return parts.every(holds);
      case 'Fn::Or': return parts.some(holds);
      case 'Fn::Equals': return String(settle(parts[0])) === String(settle(parts[1]));
      default: throw new Error(`${name} is no function of conditions`);
    }
  };
  /** `undefined` is what is not there. */
  const settle = (node: Json): Json | undefined => {
    if (Array.isArray(node)) {
      return node.map(settle).filter((item) => item !== undefined);
    }
    if (node === null || typeof node !== 'object') {
      return node;
    }
    const entries = Object.entries(node);
    const [name, argument] = entries.length === 1 ? entries[0] : ['', null];
    if (name === 'Ref') {
      return argument === 'AWS::NoValue' ? undefined : values[argument as string] ?? node;
    }
    if (name === 'Fn::If') {
      const [condition, yes, no] = argument as Json[];
      return settle(holds(template.Conditions[condition as string]) ? yes : no);
    }
    if (name === 'Fn::Sub') {
      const text = (argument as string).replace(/\$\{(\w+)\}/g, (whole, parameter) => String(values[parameter] ?? whole));
      return text.includes('${') ? { 'Fn::Sub': text } : text;
    }
    if (name === 'Fn::Split') {
      const [separator, text] = settle(argument) as string[];
      return text.split(separator);
    }
    return Object.fromEntries(entries.flatMap(([key, value]) => {
      const there = settle(value);
      return there === undefined ? [] : [[key, there]];
    }));
  };
  /** What is under no condition, or under one that holds. */
  const present = (section: Json | undefined): Fields =>
    Object.fromEntries(Object.entries((section ?? {}) as { [name: string]: Fields }).flatMap(([name, { Condition, ...rest }]) =>
      Condition === undefined || holds({ Condition }) ? [[name, settle(rest)!]] : []));

  const { Conditions, ...sections } = template;
  return { ...sections, Resources: present(sections.Resources), Outputs: present(sections.Outputs) };
}
