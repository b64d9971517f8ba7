"""A site that charges nothing yet: by name where money is real, and said by `status`."""

from datetime import datetime, timedelta, timezone

import pytest
from test_open import enabled, publish


@pytest.fixture
def until(shop):
    end = (datetime.now(timezone.utc) + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def write(**more):
        shop.write(**more)
        text = shop.config.read_text()
        shop.config.write_text(text.replace("[site]", f'[site]\nmode = "dry-run"\nuntil = {end}'))

    return end, write


def test_it_is_shown_as_long_as_it_lasts(aws, shop, until):
    end, write = until
    write()
    command = ["deploy.sh", "--stack", "shop", "--config", shop.config, "--no-watch", "--yes"]
    assert f"not charged until {end}" in aws.ok(*command, "--zip", shop.zip())
    write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    publish(aws, shop, "--stack", "shop")
    aws.ok(*command, "--zip", shop.zip("two", table=shop.table()))
    assert enabled(aws)
    said = aws.run("status.sh", "--stack", "shop", "--config", shop.config).all
    assert f"2 priced objects are not charged for until {end}" in said
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    aws.ok(*command, "--zip", shop.zip("three", table=shop.table()))
    assert "dry run" not in aws.run("status.sh", "--stack", "shop", "--config", shop.config).all


def test_on_a_main_network_it_is_asked_for_by_name(aws, shop, until):
    _, write = until
    write(token="base/usdc")
    command = ["deploy.sh", "--stack", "shop", "--config", shop.config, "--no-watch", "--yes",
               "--accept", "P4", "--accept", "P5", "--zip", shop.zip()]
    aws.refused(*command, says="charges nothing until")
    aws.ok(*command, "--accept-dry-run")
