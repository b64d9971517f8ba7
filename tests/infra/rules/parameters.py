import policy


class Parameters(policy.Policy):
    id = "E9025"
    shortdesc = "Parameters explain and check themselves"
    description = "Each has a description, a bound on what it takes, what to write instead, and a group"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"
    bounds = {"AllowedPattern", "AllowedValues", "MinValue"}
    # Whatever S3 calls a version.
    opaque = {"CodeObjectVersion"}

    def check(self, template):
        interface = template.get("Metadata", {}).get("AWS::CloudFormation::Interface", {})
        grouped = [name for group in interface.get("ParameterGroups", []) for name in group.get("Parameters", [])]
        for name, parameter in template.get("Parameters", {}).items():
            path = ["Parameters", name]
            if not parameter.get("Description"):
                yield path, f"{name} has no Description"
            if not self.bounds & set(parameter) and name not in self.opaque:
                yield path, f"{name} takes anything: give it {', '.join(sorted(self.bounds))}"
            if "AllowedPattern" in parameter and not parameter.get("ConstraintDescription"):
                yield path, f"{name} does not say what to write instead: ConstraintDescription"
            if grouped.count(name) != 1:
                yield path, f"{name} is in {grouped.count(name)} groups of AWS::CloudFormation::Interface, not in one"
