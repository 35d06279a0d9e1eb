package io.sluice.team;

/**
 * A permission of a team: the calls of a vendor that it may make.
 *
 * @param vendor a vendor's name, or {@code *}
 * @param operation an operation's name, {@code read} for all that only read, {@code write} for all others, or {@code *}
 */
public record Permission(String vendor, String operation) {
    /**
     * Parses {@code vendor:operation}; a lone {@code *} is everything.
     *
     * @throws IllegalArgumentException if the text is neither
     */
    public static Permission parse(String text) {
        if (text.equals("*")) {
            return new Permission("*", "*");
        }
        int colon = text.indexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new IllegalArgumentException("must be * or vendor:operation, such as clerk:read: " + text);
        }
        return new Permission(text.substring(0, colon), text.substring(colon + 1));
    }

    boolean covers(String calledVendor, String calledOperation, boolean reads) {
        return (vendor.equals("*") || vendor.equals(calledVendor))
                && (operation.equals("*")
                        || operation.equals(calledOperation)
                        || operation.equals(reads ? "read" : "write"));
    }
}
