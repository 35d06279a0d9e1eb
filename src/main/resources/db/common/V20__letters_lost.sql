-- The letter of the lane that a courier had who was not heard of again, so that it may be delivered already; that of
-- another number is not meant. Takes the place of "lost", which knew only of the last claim.
ALTER TABLE delivery_lane ADD COLUMN lost_seq BIGINT;
