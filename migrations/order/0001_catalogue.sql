-- What can be ordered. Prices are decimals; the client never sends one.
CREATE TABLE products (
    sku         text PRIMARY KEY,
    name        text NOT NULL,
    unit_price  numeric(12, 2) NOT NULL CONSTRAINT products_unit_price_not_negative CHECK (unit_price >= 0),
    currency    char(3) NOT NULL DEFAULT 'EUR'
);
INSERT INTO products (sku, name, unit_price) VALUES
    ('book',     'A book about distributed systems', 39.90),
    ('mug',      'A mug',                             9.50),
    ('sticker',  'A sticker',                         0.99),
    ('keyboard', 'A keyboard',                      129.00),
    ('shirt',    'A shirt',                          24.00);

GRANT SELECT ON products TO order_service;
