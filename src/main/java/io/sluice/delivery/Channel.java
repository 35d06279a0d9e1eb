package io.sluice.delivery;

/**
 * Where letters go: addressees of one channel know nothing of another's.
 *
 * @param name the vendor's API, such as {@code track}
 */
public record Channel(String vendor, String account, String name) {}
