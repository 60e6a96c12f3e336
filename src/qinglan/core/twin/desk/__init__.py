"""The desk of a community: who comes when and with what, who serves them, how long they wait (`service.quanke`)."""
