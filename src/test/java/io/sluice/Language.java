package io.sluice;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules for the language of comments and texts, checked on the text of a source file. */
final class Language {
    /** The start of a sentence: of a comment, a paragraph or a list item, or after the end of another sentence. */
    private static final Pattern QUESTION_WORD =
            Pattern.compile("(?:\\A|(?<=[.?!]\\s)|(?<=<p>)|(?<=<li>)|(?<=\\n[ \\t]{0,200}\\n))"
                    + "\\s*\\b(Whoever|Whose|Who|Whether|What|Which)\\b");

    private static final Pattern PERSON_WORD =
            Pattern.compile("\\b(nobody|somebody|whoever|anybody)\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern PREFORMATTED = Pattern.compile("<pre>.*?</pre>", Pattern.DOTALL);
    private static final Pattern TYPE = Pattern.compile("\\b(?:class|interface|enum|record)\\s+(\\w+)");

    private final String file;
    private final String source;
    private final StringBuilder topLevel = new StringBuilder();
    private final List<String> violations = new ArrayList<>();
    private int at;
    private int depth;

    private Language(String file, String source) {
        this.file = file;
        this.source = source;
    }

    /** Returns the violations in a source file, each as {@code file:line: what is wrong}. */
    static List<String> violations(String file, String source) {
        Language language = new Language(file, source);
        language.scan();
        return language.violations;
    }

    private void scan() {
        while (at < source.length()) {
            int start = at;
            if (source.startsWith("/*", at)) {
                end(start, "*/", 2);
                blockComment(start);
            } else if (source.startsWith("//", at)) {
                int newline = source.indexOf('\n', at);
                at = newline < 0 ? source.length() : newline;
                personWords(start, "comment");
            } else if (source.startsWith("\"\"\"", at)) {
                end(start, "\"\"\"", 3);
                personWords(start, "string");
            } else if (source.charAt(at) == '"') {
                end(start, "\"", 1);
                personWords(start, "string");
            } else if (source.charAt(at) == '\'') {
                end(start, "'", 1);
            } else {
                code(source.charAt(at));
                at++;
            }
        }
    }

    /** Moves behind the next {@code terminator} that no backslash escapes. */
    private void end(int start, String terminator, int opening) {
        boolean escapes = !terminator.equals("*/");
        at = start + opening;
        while (at < source.length() && !source.startsWith(terminator, at)) {
            at += escapes && source.charAt(at) == '\\' ? 2 : 1;
        }
        at = Math.min(source.length(), at + terminator.length());
    }

    private void blockComment(int start) {
        personWords(start, "comment");
        boolean javadoc = source.startsWith("/**", start);
        if (javadoc && depth == 0) {
            topLevel.append("/**/");
        }
        String prose = prose(source.substring(start, at));
        Matcher question = QUESTION_WORD.matcher(prose);
        while (question.find()) {
            report(start + question.start(1), "a sentence begins with \"" + question.group(1) + "\"");
        }
    }

    /** Returns a comment with blanks in place of its marks and of what is preformatted, so that places stay the same. */
    private static String prose(String comment) {
        String text = Pattern.compile("(?m)\\A/\\*+|^[ \\t]*\\*+(?!/)|\\*+/\\z")
                .matcher(comment)
                .replaceAll(mark -> " ".repeat(mark.group().length()));
        return PREFORMATTED
                .matcher(text)
                .replaceAll(lines -> Matcher.quoteReplacement(lines.group().replaceAll("\\S", " ")));
    }

    private void personWords(int start, String where) {
        Matcher person = PERSON_WORD.matcher(source.substring(start, at));
        while (person.find()) {
            report(start + person.start(), "a " + where + " contains \"" + person.group(1) + "\"");
        }
    }

    /** Gathers the code between top-level types, which begins anew behind each declaration. */
    private void code(char c) {
        switch (c) {
            case '{', '(' -> {
                if (depth == 0) {
                    typeBefore();
                }
                depth++;
            }
            case '}', ')' -> {
                depth--;
                if (depth == 0 && c == '}') {
                    topLevel.setLength(0);
                }
            }
            case ';' -> {
                if (depth == 0) {
                    topLevel.setLength(0);
                }
            }
            default -> {
                if (depth == 0) {
                    topLevel.append(c);
                }
            }
        }
    }

    private void typeBefore() {
        Matcher type = TYPE.matcher(topLevel);
        if (type.find()) {
            if (topLevel.indexOf("/**/") < 0) {
                report(at, "the type " + type.group(1) + " has no Javadoc");
            }
            // The parameters of a record are followed by its body.
            topLevel.setLength(0);
        }
    }

    private void report(int place, String what) {
        long line = source.substring(0, place).chars().filter(c -> c == '\n').count() + 1;
        violations.add(file + ":" + line + ": " + what);
    }
}
