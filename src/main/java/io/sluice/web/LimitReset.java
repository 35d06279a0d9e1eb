package io.sluice.web;

/**
 * The log line of an admin who corrects a limit's count: one line whatever the reason holds.
 *
 * @param from the client's address
 * @param before how much counted as used
 * @param after how much does now
 */
record LimitReset(
        String team,
        String from,
        String requestId,
        String vendor,
        String account,
        String limit,
        long before,
        long after,
        String reason) {
    private static final int LONGEST = 500;

    String line() {
        return "admin action: action=limit-reset team=%s from=%s request_id=%s vendor=%s account=%s limit=%s used_before=%d used_after=%d reason=\"%s\""
                .formatted(team, from, requestId, vendor, account, limit, before, after, oneLine(reason));
    }

    /** Without line breaks and other control characters, with which somebody could forge lines, or end the quotes. */
    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .limit(LONGEST)
                .map(each -> switch (Character.getType(each)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SURROGATE -> ' ';
                    default -> each == '"' ? '\'' : each;
                })
                .forEach(line::appendCodePoint);
        return line.toString();
    }
}
