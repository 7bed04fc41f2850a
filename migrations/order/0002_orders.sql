-- pending:   recorded, and the rest of the chain not heard of yet.
-- completed: the rest of the chain has answered.
-- cancelled: the next hop has certainly done nothing.
-- unknown:   the next hop may or may not have done its part.
CREATE TYPE order_state AS ENUM ('pending', 'completed', 'cancelled', 'unknown');

CREATE TABLE orders (
    id          uuid PRIMARY KEY,
    user_id     bigint NOT NULL,
    action      text NOT NULL,
    state       order_state NOT NULL DEFAULT 'pending',
    total       numeric(14, 2) NOT NULL,
    currency    char(3) NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE order_items (
    order_id    uuid NOT NULL REFERENCES orders (id),
    position    integer NOT NULL,
    sku         text NOT NULL REFERENCES products (sku),
    quantity    integer NOT NULL CONSTRAINT order_items_quantity_positive CHECK (quantity > 0),
    unit_price  numeric(12, 2) NOT NULL,
    PRIMARY KEY (order_id, position)
);

GRANT SELECT, INSERT ON orders TO order_service;
GRANT UPDATE (state, updated_at) ON orders TO order_service;
GRANT SELECT, INSERT ON order_items TO order_service;
