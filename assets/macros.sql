-- Small formulas that several tables share. Temporary: made on each connection.

-- The age band of a person on a day; Unknown without a birth date, or with one after that day.
CREATE OR REPLACE TEMP MACRO age_band(birth_date, on_date) AS
    CASE
        WHEN birth_date IS NULL OR birth_date > on_date THEN 'Unknown'
        WHEN date_sub('year', birth_date, on_date) <= 12 THEN 'Child 0–12'
        WHEN date_sub('year', birth_date, on_date) <= 19 THEN 'Teen 13–19'
        WHEN date_sub('year', birth_date, on_date) <= 64 THEN 'Adult 20–64'
        ELSE 'Elderly 65+'
    END;

-- Sums and means of fractions that do not depend on the order of the rows: added as decimals, not as floats.
CREATE OR REPLACE TEMP MACRO exact_sum(x) AS CAST(sum(CAST(x AS DECIMAL(38, 12))) AS DOUBLE);
CREATE OR REPLACE TEMP MACRO exact_mean(x) AS CAST(sum(CAST(x AS DECIMAL(38, 12))) AS DOUBLE) / nullif(count(x), 0);
