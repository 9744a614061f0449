"""One package per service: each translates that service's words and errors into the product's."""
