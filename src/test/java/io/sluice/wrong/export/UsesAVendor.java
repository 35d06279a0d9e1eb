package io.sluice.wrong.export;

import io.sluice.wrong.saas.clari.Clari;

/** Durable work must not know who the vendors are. */
public interface UsesAVendor {
    Clari vendor();
}
