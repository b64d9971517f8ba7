"""The page for browsers loads two files from the bucket: without them nobody can pay on it."""

from test_seal import keys, publish


def test_a_page_without_its_files_is_told(aws, shop):
    shop.config.write_text(shop.config.read_text().replace("page = false\n", ""))
    mine = ["deploy.sh", "--stack", "shop", "--config", shop.config, "--no-watch", "--yes"]
    basics = {"environment": {"PATH": "/usr/bin:/bin"}}
    aws.ok(*mine, **basics)
    text = shop.config.read_text()
    shop.config.write_text(text.replace("https://shop.example.com", f"https://{aws.outputs()['DistributionDomainName']}"))
    aws.ok(*mine, **basics)
    publish(aws, shop)
    bucket = aws.outputs()["ContentBucketName"]
    page = [key for key in keys(aws, bucket) if key.startswith("x402-page-")]
    assert len(page) == 2
    aws.ok(*mine, **basics)
    stored = aws.client("s3").head_object(Bucket=bucket, Key=page[0])
    assert (stored["ContentEncoding"], stored["CacheControl"]) == ("gzip", "public, max-age=31536000, immutable")
    status = lambda: aws.run("status.sh", "--stack", "shop", "--fail")
    assert "the page for browsers asks for" not in status().all

    aws.client("s3").delete_object(Bucket=bucket, Key=page[0])
    said = status()
    assert said.returncode == 1 and f'asks for "{page[0]}", which is not there, so nobody can pay on it' in said.all
    assert "pays for nothing" not in said.all
