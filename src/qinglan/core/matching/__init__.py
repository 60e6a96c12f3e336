"""Who or what serves whom: where centres stand, who goes to an event. Optimal, or with a bound (`service.linli_center`)."""
