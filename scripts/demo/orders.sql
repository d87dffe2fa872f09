-- Fills the shop once: where the table is there already, nothing changes.
DO $$
BEGIN
	IF to_regclass('public.orders') IS NULL THEN
		CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL);
		CREATE TABLE orders (
			id serial PRIMARY KEY,
			customer int NOT NULL REFERENCES customers,
			item text NOT NULL,
			cents int NOT NULL,
			ordered timestamptz NOT NULL
		);
		INSERT INTO customers (name) SELECT 'customer ' || n FROM generate_series(1, 200) AS n;
		INSERT INTO orders (customer, item, cents, ordered)
			SELECT 1 + n % 200, 'item ' || md5(n::text), 100 + (n * 37) % 9900, timestamptz '2026-01-01' + n * interval '1 hour'
			FROM generate_series(1, 5000) AS n;
	END IF;
END $$;
SELECT count(*) FROM orders;
