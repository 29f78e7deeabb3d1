"""What the API and the pages share: access, parameters, responses, problems, streams."""
