"""How other systems come in and are told: tokens, idempotency keys, webhooks."""
