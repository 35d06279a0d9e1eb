package io.sluice.webhook;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The HMAC-SHA256 by which webhooks are signed, by one of several keys while one replaces another. Immutable.
 */
public final class HmacSignature {
    private static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys;

    /** @param keys none of them empty */
    public HmacSignature(List<byte[]> keys) {
        this.keys = keys.stream().map(key -> new SecretKeySpec(key, ALGORITHM)).toList();
    }

    /**
     * Returns true if one of the signatures is that of a message by one of the keys.
     *
     * @param head what is signed ahead of the body
     */
    public boolean matches(byte[] head, byte[] body, List<byte[]> signatures) {
        boolean signed = false;
        for (SecretKeySpec key : keys) {
            byte[] expected = sign(key, head, body);
            for (byte[] signature : signatures) {
                // Every signature is compared, so that the time taken reveals nothing.
                signed |= MessageDigest.isEqual(expected, signature);
            }
        }
        return signed;
    }

    private static byte[] sign(SecretKeySpec key, byte[] head, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(head);
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM + ", and no key is empty", e);
        }
    }
}
