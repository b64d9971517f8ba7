import { Token } from 'aws-cdk-lib';
import type { Parameter } from './template';

export type Values = { [parameter: string]: string | number };

/**
 * The value of every parameter of a template: what the properties say, else its default. `codeSha256` is `CodeSha256`.
 * @throws Error that names every property that is missing, unknown or out of bounds, with what the template asks for.
 */
export function valuesOf(parameters: { [name: string]: Parameter }, properties: object): Values {
  const given = new Map(Object.entries(properties).filter(([, value]) => value !== undefined));
  const values: Values = {};
  const problems: string[] = [];
  for (const [name, parameter] of Object.entries(parameters)) {
    const property = name[0].toLowerCase() + name.slice(1);
    const value = given.get(property) ?? parameter.Default;
    given.delete(property);
    if (value === undefined) {
      problems.push(`${property} is missing: ${parameter.Description}`);
    } else if (!takes(parameter, value)) {
      problems.push(`${property} cannot be ${JSON.stringify(value)}: ${wanted(parameter)} ${parameter.Description}`);
    }
    values[name] = value;
  }
  problems.push(...[...given.keys()].map((property) => `${property} is unknown: take it out, or see infra/README.md for its spelling.`));
  if (problems.length > 0) {
    throw new Error(problems.join('\n'));
  }
  return values;
}

/** What only a deployment knows is AWS's to refuse. */
function takes({ Type, AllowedPattern = '.*', AllowedValues, MinValue = -Infinity, MaxValue = Infinity }: Parameter, value: unknown): boolean {
  if (Token.isUnresolved(value)) {
    return true;
  }
  const right = Type === 'Number'
    ? Number.isInteger(value) && Number(value) >= MinValue && Number(value) <= MaxValue
    : typeof value === 'string' && new RegExp(`^(?:${AllowedPattern})$`).test(value);
  return right && (AllowedValues?.includes(value as string | number) ?? true);
}

function wanted({ Type, AllowedValues, MinValue, MaxValue, ConstraintDescription }: Parameter): string {
  return ConstraintDescription ?? (AllowedValues ? `One of ${AllowedValues.join(', ')}.`
    : Type === 'Number' ? `A whole number from ${MinValue} to ${MaxValue}.` : 'A text.');
}
