"""AWS's control plane for tests: moto's server, with what it lacks.

* `cloudfront`: distributions kept word for word, under their ETag; functions checked as CloudFront does;
  policies.
* `s3`: bucket policies without the statements that have conditions, which moto would not read.
* `lambda_edge`: replicas that keep a function from being deleted.
* `stacks`: CloudFormation that updates what depends on what changed, replaces, retains, rolls back.
* `resources`: the resource types of our templates, made through the public APIs of this same server.
* `web_acl`: web ACLs by their ARN.
* `faults`: what moto cannot make, on demand.

`python -m control_plane FAULTS_FILE` serves on a free port of 127.0.0.1 and prints the port.
"""
