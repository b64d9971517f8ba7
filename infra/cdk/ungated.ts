import { Stack, Token, aws_cloudfront as cloudfront } from 'aws-cdk-lib';

/** As it stands in a resolved `DistributionConfig`; only what is looked at. */
interface Behavior {
  readonly pathPattern?: string;
  readonly targetOriginId: string;
  readonly lambdaFunctionAssociations?: { readonly eventType: string; readonly lambdaFunctionArn: unknown }[];
}

interface Config {
  readonly defaultCacheBehavior: Behavior;
  readonly cacheBehaviors?: Behavior[];
  readonly origins: { readonly id: string; readonly domainName: unknown }[];
  readonly originGroups?: { readonly quantity?: number };
  readonly customErrorResponses?: { readonly errorCode: number; readonly responsePagePath?: string }[];
  readonly defaultRootObject?: string;
}

/**
 * The ways round the function in a distribution that has it somewhere; none in one that has it nowhere.
 *
 * A behaviour of `freePaths` may be without it, if no guarded one has its origin: CloudFront chooses a behaviour by another
 * spelling of the path than S3 reads.
 */
export function ungated(distribution: cloudfront.CfnDistribution, versionArn: string, freePaths: readonly string[]): string[] {
  const stack = Stack.of(distribution);
  const config: Config = stack.resolve(distribution.distributionConfig);
  const arn = JSON.stringify(stack.resolve(Token.asAny(versionArn)));
  const events = ({ lambdaFunctionAssociations }: Behavior) => (lambdaFunctionAssociations ?? [])
    .filter(({ lambdaFunctionArn }) => JSON.stringify(lambdaFunctionArn) === arn).map(({ eventType }) => eventType);
  const behaviors = [...(config.cacheBehaviors ?? []), config.defaultCacheBehavior];
  if (!behaviors.some((behavior) => events(behavior).length > 0)) {
    return [];
  }
  const gated = (behavior: Behavior) => ['viewer-request', 'viewer-response'].every((event) => events(behavior).includes(event));
  const domain = ({ targetOriginId }: Behavior) =>
    JSON.stringify(config.origins.find(({ id }) => id === targetOriginId)?.domainName ?? targetOriginId);
  const priced = new Set(behaviors.filter(gated).map(domain));
  const problems = behaviors.filter((behavior) => !gated(behavior)).flatMap((behavior) => {
    // CDK writes `*` into the default one.
    const { pathPattern = '*' } = behavior;
    const name = pathPattern === '*' ? 'the default behaviour' : `behaviour ${pathPattern}`;
    if (!freePaths.includes(pathPattern)) {
      return `${name} lacks the function on viewer-request or viewer-response, so what it reaches is free: `
        + 'make it of PaywallFunction.behavior, or name its pattern in freePaths and give it a bucket of its own';
    }
    return priced.has(domain(behavior)) ? `${name} reaches a bucket that another behaviour sells: give it a bucket of its own` : [];
  });
  if ((config.originGroups?.quantity ?? 0) > 0) {
    problems.push('an origin group asks a second origin: take it out');
  }
  for (const { errorCode, responsePagePath } of config.customErrorResponses ?? []) {
    if (responsePagePath) {
      problems.push(`the error page of ${errorCode} is fetched without the function: take responsePagePath out`);
    }
  }
  if (config.defaultRootObject) {
    problems.push('defaultRootObject rewrites / before the function sees it: take it out; content.toml says what / stands for');
  }
  return problems;
}
