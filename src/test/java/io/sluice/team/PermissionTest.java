package io.sluice.team;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionTest {
    @ParameterizedTest
    @CsvSource({
        "*,clerk,create-user,false,true",
        "clerk:*,clerk,create-user,false,true",
        "clerk:*,clari,read,true,false",
        "*:read,clari,read-job,true,true",
        "*:read,clari,submit-export,false,false",
        "clerk:read,clerk,list-users,true,true",
        "clerk:read,clerk,create-user,false,false",
        "clerk:write,clerk,create-user,false,true",
        "clerk:write,clerk,list-users,true,false",
        "clerk:create-user,clerk,create-user,false,true",
        "clerk:create-user,clerk,delete,false,false",
        "clerk:create-user,fathom,create-user,false,false"
    })
    void covers_what_it_names_and_nothing_else(
            String permission, String vendor, String operation, boolean reads, boolean covers) {
        assertThat(Permission.parse(permission).covers(vendor, operation, reads))
                .isEqualTo(covers);
    }

    @ParameterizedTest
    @CsvSource({
        "*,clerk,true",
        "clerk:*,clerk,true",
        "clerk:create-user,clerk,true",
        "*:read,fathom,true",
        "clerk:*,clari,false"
    })
    void a_team_may_call_a_vendor_of_which_it_may_call_anything(String permission, String vendor, boolean may) {
        Team team = new Team("team", 1, List.of(Permission.parse(permission)), false, 1, true);

        assertThat(team.mayCall(vendor)).isEqualTo(may);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "clerk", ":", "clerk:", ":read", "**"})
    void what_names_no_vendor_and_operation_is_none(String text) {
        assertThatThrownBy(() -> Permission.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vendor:operation");
    }
}
