using System.Text.Json;
using System.Text.Json.Nodes;

namespace RsyncFs.Cli.Configuration;

/// <summary>
/// The keys of a configuration as a JSON schema (draft 2020-12), made of the table by which they are read. It knows keys
/// and words, not units: <c>config check</c> is the judge.
/// </summary>
internal static class ConfigSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The schema.</summary>
    public static string Print()
    {
        var settings = Settings();
        var job = Object(settings, "name", "device", "to");
        job["properties"]!["name"] = Text("What people call it, and its target if nothing else is said.");
        job["properties"]!["device"] = Text(
            "The device or image, an absolute path; of a group its members, with commas."
        );
        job["properties"]!["to"] = List(
            AnyOf(
                Text("The name of a receiver, or the absolute path of a local device or image."),
                Object(new JsonObject { ["receiver"] = Text(null), ["target"] = Text(null) }, "receiver")
            )
        );
        var top = Object(
            new JsonObject
            {
                ["version"] = new JsonObject { ["const"] = 1 },
                ["state"] = Text("As --state."),
                ["identity"] = Text("As --key."),
                ["peers_file"] = Text("As --peers."),
                ["receivers"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = Receiver() },
                ["defaults"] = Object(Settings()),
                ["jobs"] = List(job),
                ["targets"] = List(Target()),
                ["notify"] = List(Notify()),
            }
        );
        top["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        top["title"] = "rsyncfs";
        return top.ToJsonString(Indented);
    }

    private static JsonObject Settings()
    {
        var properties = new JsonObject();
        foreach (var setting in JobSetting.All)
        {
            var keys = setting.Key.Split('.');
            if (keys.Length == 1)
            {
                properties[keys[0]] = Value(setting);
                continue;
            }

            properties[keys[0]] ??= Object([]);
            properties[keys[0]]!["properties"]![keys[1]] = Value(setting);
        }

        properties["hooks"] = Hooks(HookReader.Points.Words);
        return properties;
    }

    private static JsonObject Hooks(IEnumerable<string> points) =>
        List(
            Object(
                new JsonObject
                {
                    ["at"] = OneOf(points),
                    ["run"] = List(Text(null)),
                    ["timeout"] = Text(null),
                    ["on_error"] = OneOf(HookReader.OnError.Words),
                    ["name"] = Text(null),
                },
                "at",
                "run"
            )
        );

    private static JsonObject Target() =>
        Object(
            new JsonObject
            {
                ["name"] = Text("What senders call it."),
                ["device"] = Text(
                    "The device or image, an absolute path; of a group its members, with commas."
                ),
                ["init"] = OneOf(TargetReader.Permissions.Words),
                ["hooks"] = Hooks(HookReader.TargetPoints.Words),
            },
            "name",
            "device"
        );

    private static JsonObject Notify() =>
        Object(
            new JsonObject
            {
                ["on"] = List(OneOf(NotifyReader.Events.Words)),
                ["run"] = List(Text(null)),
                ["ping"] = Text("An address, http:// or https://, that is asked."),
                ["method"] = OneOf(NotifyReader.Methods.Words),
                ["timeout"] = Text(null),
                ["remind_every"] = Text("What goes on failing is told again after this time."),
                ["every"] = Text("That a cycle began, or ended as it should, is told at most as often."),
                ["jobs"] = List(Text(null)),
            },
            "on"
        );

    private static JsonObject Receiver() =>
        Object(
            new JsonObject
            {
                ["url"] = Text(
                    "rsyncfs://HOST[:PORT], rsyncfs+ssh://[USER@]HOST[:PORT] or rsyncfs+tcp://HOST[:PORT]."
                ),
                ["key"] = Text("What 'rsyncfs key show' prints there."),
                ["allow_plaintext"] = new JsonObject { ["type"] = "boolean" },
                ["ssh_command"] = Text("As --ssh-command."),
                ["remote_rsyncfs"] = Text("As --remote-rsyncfs."),
                ["compression"] = Text("auto, none, lz4, or zstd:1 to zstd:19."),
                ["bwlimit"] = AnyOf(
                    Text("How fast to send at most: 40Mbit/s, 512KiB/s, off."),
                    List(
                        Object(
                            new JsonObject
                            {
                                ["days"] = Text(null),
                                ["from"] = Text(null),
                                ["to"] = Text(null),
                                ["rate"] = Text(null),
                            },
                            "rate"
                        )
                    )
                ),
            },
            "url"
        );

    private static JsonObject Value(JobSetting setting)
    {
        var words = setting.Form.Split('|');
        var value =
            words is ["true", "false"] ? new JsonObject { ["type"] = "boolean" }
            : words.All(word => string.Equals(word, word.ToLowerInvariant(), StringComparison.Ordinal))
                ? OneOf(words)
            : Text(null);
        value["description"] = setting.Meaning;
        return value;
    }

    private static JsonObject Object(JsonObject properties, params string[] required)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }

        return schema;
    }

    private static JsonObject Text(string? meaning) =>
        meaning is null
            ? new JsonObject { ["type"] = "string" }
            : new JsonObject { ["type"] = "string", ["description"] = meaning };

    private static JsonObject OneOf(IEnumerable<string> words) =>
        new() { ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) };

    private static JsonObject List(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject AnyOf(params JsonNode[] choices) =>
        new() { ["anyOf"] = new JsonArray(choices) };
}
