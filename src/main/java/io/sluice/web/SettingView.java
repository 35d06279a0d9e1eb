package io.sluice.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.sluice.operator.Attribution;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The author, time, reason and end of an admin's setting, as the API shows them.
 *
 * @param by the admin's team; absent if an older version, which did not record it, made the setting
 * @param at when it was made; absent likewise
 * @param until when it ends by itself; absent if an admin has to end it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Setting")
public record SettingView(
        @Nullable String by,
        @Nullable Instant at,
        @Nullable String reason,
        @Nullable Instant until) {
    static @Nullable SettingView of(@Nullable Attribution made) {
        return made == null ? null : new SettingView(made.by(), made.at(), made.reason(), made.until());
    }
}
