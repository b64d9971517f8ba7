import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Stack, Token, aws_cloudfront as cloudfront, aws_lambda as lambda } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { Construct } from 'constructs';
import { valuesOf } from './parameters';
import { settled } from './settled';
import { read } from './template';
import { ungated } from './ungated';

/** The parameters of `../attach.yaml`, each with its default; `../README.md` has them. */
export interface PaywallFunctionProps {
  /** Bucket in us-east-1 that holds the packaged function. */
  readonly codeBucketName: string;
  /** Key of the package there. */
  readonly codeObjectKey: string;
  /** Object version, where that bucket has versions. */
  readonly codeObjectVersion?: string;
  /** `codeSha256` of `paywall build --json`: another hash makes another version. */
  readonly codeSha256: string;
  readonly functionRuntime?: 'python3.13' | 'python3.14';
  /** Seconds, 1 to 30; 5 where the account's older quota refuses more. */
  readonly functionTimeout?: number;
  /** MB. */
  readonly functionMemory?: number;
  /** Another word makes another version of the same package. */
  readonly attempt?: string;
  /** SSM SecureString with the secrets, as `/x402/shop`; without it they are in the package. */
  readonly secretsParameterName?: string;
  readonly secretsParameterRegion?: string;
  /** ARN of the customer-managed key of that parameter. */
  readonly secretsKmsKeyArn?: string;
  /** `[redemptions] bucket` of content.toml; without it the function remembers payments in memory. */
  readonly redemptionsBucketName?: string;
  readonly createRedemptionsBucket?: 'yes' | 'no';
  readonly redemptionsPrefix?: string;
  /** Days. */
  readonly redemptionsKeepDays?: number;
  /** Days. */
  readonly logRetentionDays?: number;
  readonly systemLogLevel?: 'INFO' | 'WARN';
  readonly webAcl?: 'on' | 'off';
  /** Requests with a payment that one address may send in 60 seconds. */
  readonly paymentRateLimit?: number;
  /** Requests of any kind that one address may send in 60 seconds; an empty text is no limit. */
  readonly requestRateLimit?: string;
  /** The same of one network and TLS fingerprint. */
  readonly networkRateLimit?: string;
  /** What `paywall switch vouched-value` prints, with `who_pays = "unvouched"`; an empty text where everyone pays. A secret. */
  readonly vouchedValue?: string;
  /** Path patterns that may be without the function, since nothing in their bucket is for sale. */
  readonly freePaths?: readonly string[];
}

/**
 * The paywall's function, with its role, log group, web ACL and records of sales: the resources of `../attach.yaml`, under the same
 * logical ids, so there is one in a stack. Synthesis fails while a distribution that has the function has a way round it.
 */
export class PaywallFunction extends Construct {
  /** Numbered, as Lambda@Edge demands. */
  readonly version: lambda.IVersion;
  /** For `BehaviorOptions.edgeLambdas`. */
  readonly edgeLambdas: cloudfront.EdgeLambda[];
  /** For `DistributionProps.webAclId`; none with `webAcl: 'off'`. */
  readonly webAclArn?: string;

  /** @throws Error for a stack of another Region, and for properties that the template does not take. */
  constructor(scope: Construct, id: string, props: PaywallFunctionProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { region } = stack;
    if (stack.node.findAll().some((other) => other instanceof PaywallFunction && other !== this)) {
      throw new Error(`${this.node.path}: a stack has one PaywallFunction, whose log group bears the stack's name: make another stack`);
    }
    // One that is not known yet is refused by the template's own rule, when it is deployed.
    if (!Token.isUnresolved(region) && region !== 'us-east-1') {
      throw new Error(`${this.node.path}: Lambda@Edge functions live in us-east-1, and this stack is in ${region}: `
        + "make the PaywallFunction in a stack with env.region 'us-east-1', and set crossRegionReferences on both stacks if the distribution is in another");
    }
    const { freePaths = [], ...settings } = props;
    const template = this.include(settings);
    const versionArn = (template.getResource('EdgeFunctionVersion') as lambda.CfnVersion).ref;
    this.version = lambda.Version.fromVersionArn(this, 'Version', versionArn);
    this.edgeLambdas = [cloudfront.LambdaEdgeEventType.VIEWER_REQUEST, cloudfront.LambdaEdgeEventType.VIEWER_RESPONSE]
      .map((eventType) => ({ eventType, functionVersion: this.version }));
    this.webAclArn = props.webAcl === 'off' ? undefined : template.getResource('EdgeWebAcl').getAtt('Arn').toString();
    this.node.addValidation({
      validate: () => this.node.root.node.findAll()
        .filter((child): child is cloudfront.CfnDistribution => child instanceof cloudfront.CfnDistribution)
        .flatMap((distribution) => ungated(distribution, versionArn, freePaths).map((problem) => `${distribution.node.path}: ${problem}`)),
    });
  }

  private include(settings: object): CfnInclude {
    const { template, parameters } = read(path.join(__dirname, '..', 'attach.yaml'));
    const folder = mkdtempSync(path.join(tmpdir(), 'paywall-'));
    try {
      const templateFile = path.join(folder, 'attach.json');
      writeFileSync(templateFile, JSON.stringify(settled(template, valuesOf(parameters, settings))));
      return new CfnInclude(this, 'Attachment', { templateFile });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** A behaviour that sells what is in a bucket. */
  behavior(origin: cloudfront.IOrigin, responseHeadersPolicy?: cloudfront.IResponseHeadersPolicy): cloudfront.BehaviorOptions {
    return {
      origin,
      responseHeadersPolicy,
      edgeLambdas: this.edgeLambdas,
      // Not REDIRECT_TO_HTTPS: a payment sent in the clear is refused, so that its sender notices.
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      cachedMethods: cloudfront.CachedMethods.CACHE_GET_HEAD,
      // The path alone is the key, and no compression, which would weaken the ETag.
      cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED_FOR_UNCOMPRESSED_OBJECTS,
      compress: false,
    };
  }
}
