import policy

REFUSED = (
    "DeadLetterConfig", "Environment", "FileSystemConfigs", "ImageConfig", "KmsKeyArn", "Layers", "ReservedConcurrentExecutions",
    "RuntimeManagementConfig", "SnapStart", "TracingConfig", "VpcConfig",
)  # fmt: skip


class EdgeFunction(policy.Policy):
    id = "E9018"
    shortdesc = "The function is one that Lambda@Edge takes"
    description = "x86_64, no environment, layers, VPC or other settings that an association refuses; the shim is the handler"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html"

    def check(self, template):
        for name, function, path in policy.functions(template, regional=False):
            for setting in REFUSED:
                if setting in function:
                    yield path + [setting], f"{name}: Lambda@Edge refuses functions with {setting}"
            if function.get("Architectures") != ["x86_64"]:
                yield path, f"{name}: Lambda@Edge runs x86_64 only"
            if function.get("Handler") != "index.handler":
                yield path, f"{name}: the packaged shim is index.handler"
            for setting, unit in (("Timeout", "seconds"), ("MemorySize", "MB")):
                if setting not in function:
                    yield path, f"{name}: {setting} is not set, in {unit}"
