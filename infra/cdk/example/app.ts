import { App, Duration, Stack, aws_certificatemanager as acm, aws_cloudfront as cloudfront, aws_cloudfront_origins as origins, aws_s3 as s3 } from 'aws-cdk-lib';
import { PaywallFunction } from '../paywall-function';

const app = new App();
const stack = new Stack(app, 'shop', { env: { region: 'us-east-1' } });

const paywall = new PaywallFunction(stack, 'Paywall', {
  codeBucketName: app.node.getContext('codeBucketName'),
  codeObjectKey: app.node.getContext('codeObjectKey'),
  codeSha256: app.node.getContext('codeSha256'),
});

const content = s3.Bucket.fromBucketName(stack, 'Content', app.node.getContext('contentBucketName'));
const headers = new cloudfront.ResponseHeadersPolicy(stack, 'Headers', {
  securityHeadersBehavior: {
    strictTransportSecurity: { accessControlMaxAge: Duration.days(730), includeSubdomains: false, override: true },
    contentTypeOptions: { override: true },
  },
  removeHeaders: ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'],
});
new cloudfront.Distribution(stack, 'Distribution', {
  domainNames: ['shop.example.com'],
  certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', app.node.getContext('certificateArn')),
  webAclId: paywall.webAclArn,
  defaultBehavior: paywall.behavior(origins.S3BucketOrigin.withOriginAccessControl(content), headers),
});
app.synth();
