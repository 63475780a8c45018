"""The parts that both front ends, the dynamic and the native one, share."""
