// Synthesizes stacks with a PaywallFunction and prints, for each, its template or why there is none. Runs in a copy of infra/cdk.
const { App, Duration, Stack, aws_cloudfront: cloudfront, aws_cloudfront_origins: origins, aws_s3: s3 } = require('aws-cdk-lib');
const { PaywallFunction } = require('./paywall-function');

const PACKAGE = { codeBucketName: 'x402-artifacts-111122223333', codeObjectKey: 'shop/edge-fn.zip', codeSha256: `${'A'.repeat(43)}=` };
const EVERYTHING = {
  ...PACKAGE, codeObjectVersion: 'v1', functionRuntime: 'python3.14', functionTimeout: 5, functionMemory: 256, attempt: 'second',
  secretsParameterName: '/x402/shop', secretsParameterRegion: 'eu-west-1',
  secretsKmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/new,arn:aws:kms:eu-west-1:111122223333:key/old',
  redemptionsBucketName: 'shop-sales', createRedemptionsBucket: 'yes', redemptionsPrefix: 'a/b/', redemptionsKeepDays: 90,
  logRetentionDays: 7, systemLogLevel: 'WARN', webAcl: 'on', paymentRateLimit: 50, requestRateLimit: '', networkRateLimit: '20000',
  vouchedValue: '5a'.repeat(32),
};

function distribution(change, freePaths) {
  return (stack) => {
    const paywall = new PaywallFunction(stack, 'Paywall', { ...PACKAGE, freePaths });
    const bucket = (name) => origins.S3BucketOrigin.withOriginAccessControl(s3.Bucket.fromBucketName(stack, name, name));
    const sold = bucket('sold');
    new cloudfront.Distribution(stack, 'Distribution', { defaultBehavior: paywall.behavior(sold), ...change({ paywall, sold, bucket }) });
  };
}

const only = (settings) => (stack) => new PaywallFunction(stack, 'Paywall', settings);
const cases = {
  'default': only(PACKAGE),
  'everything': only(EVERYTHING),
  'without web acl': only({ ...PACKAGE, webAcl: 'off' }),
  'wrong settings': only({ codeBucketName: 'Bucket', codeSha256: 'abc', functionTimeout: 60, webAcl: 'maybe', codeSha: 'abc' }),
  'two in a stack': (stack) => ['One', 'Two'].forEach((id) => new PaywallFunction(stack, id, PACKAGE)),
  'guarded': distribution(() => ({})),
  'free path': distribution(({ bucket }) => ({ additionalBehaviors: { '/assets/*': { origin: bucket('free') } } }), ['/assets/*']),
  'unnamed path': distribution(({ bucket }) => ({ additionalBehaviors: { '/assets/*': { origin: bucket('free') } } })),
  'free path of the same bucket': distribution(({ sold }) => ({ additionalBehaviors: { '/assets/*': { origin: sold } } }), ['/assets/*']),
  'viewer-request alone': distribution(({ paywall, sold }) => ({
    additionalBehaviors: { '/b/*': { ...paywall.behavior(sold), edgeLambdas: paywall.edgeLambdas.slice(0, 1) } } })),
  'default behaviour': distribution(({ paywall, sold }) => ({
    defaultBehavior: { origin: sold }, additionalBehaviors: { '/b/*': paywall.behavior(sold) } })),
  'error page': distribution(() => ({ errorResponses: [{ httpStatus: 403, responsePagePath: '/sold.pdf', responseHttpStatus: 200 }] })),
  'error without page': distribution(() => ({ errorResponses: [{ httpStatus: 403, ttl: Duration.seconds(1) }] })),
  'root object': distribution(() => ({ defaultRootObject: 'index.html' })),
  'origin group': distribution(({ paywall, sold, bucket }) => ({
    defaultBehavior: paywall.behavior(new origins.OriginGroup({ primaryOrigin: sold, fallbackOrigin: bucket('other') })) })),
  'no function at all': (stack) => {
    only(PACKAGE)(stack);
    new cloudfront.Distribution(stack, 'Other', { defaultBehavior: { origin: new origins.HttpOrigin('example.com') } });
  },
};
const told = Object.entries(cases).map(([name, build]) => [name, synthesized(build, 'us-east-1')]);
told.push(['no Region', synthesized(only(PACKAGE), undefined)], ['other Region', synthesized(only(PACKAGE), 'eu-central-1')]);
console.log(JSON.stringify(Object.fromEntries(told)));

function synthesized(build, region) {
  try {
    const app = new App({ analyticsReporting: false, context: { 'aws:cdk:enable-path-metadata': false } });
    const stack = new Stack(app, 'shop', { env: { region } });
    build(stack);
    return { template: app.synth().getStackByName('shop').template };
  } catch (error) {
    return { error: error.message };
  }
}
