using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>Makes receivers and jobs of what the files say. What is wrong is noted, and the rest read on.</summary>
internal sealed class ConfigReader
{
    private const string Version = "1";

    private readonly Dictionary<string, ReceiverEntry?> _receivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigPlace> _jobPlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigPlace> _devicePlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigPlace> _wayPlaces = new(StringComparer.Ordinal);
    private readonly List<(string Name, ReceiverEntry Entry)> _receiverList = [];
    private readonly List<Job> _jobs = [];

    /// <summary>Reads all files.</summary>
    /// <param name="path">The first of them.</param>
    /// <param name="files">Their keys; the first has what is said once, the others receivers and jobs.</param>
    public Config Read(string path, IReadOnlyList<ConfigMap> files)
    {
        foreach (var file in files)
        {
            ReadReceivers(file);
        }

        var main = files.FirstOrDefault(file =>
            string.Equals(file.Place.File, path, StringComparison.Ordinal)
        );
        if (main is not null)
        {
            RequireVersion(main);
        }

        var defaults = main?.Take("defaults")?.AsMap();
        var options = new JobOptions();
        if (defaults is not null)
        {
            options = JobSetting.ReadAll(defaults, options);
            defaults.Finish();
        }

        var config = new Config(
            path,
            main?.Read("state", Absolute, otherwise: null),
            main?.Read("identity", Absolute, otherwise: null),
            main?.Read("peers_file", Absolute, otherwise: null),
            _jobs
        );
        var told = main?.Take("notify");
        var targets = main?.Take("targets");
        foreach (var file in files)
        {
            foreach (var job in file.Take("jobs")?.AsList("name") ?? [])
            {
                ReadJob(job, options);
            }

            file.Finish();
        }

        return config with
        {
            Targets = targets is null ? [] : TargetReader.ReadAll(targets),
            Notify = told is null ? [] : NotifyReader.ReadAll(told, _jobs),
            Receivers = [.. _receiverList],
        };
    }

    private static void RequireVersion(ConfigMap main)
    {
        if (main.Take("version") is not { } version)
        {
            _ = main.Require("version", $"write  version: {Version}  at the top");
        }
        else if (version.AsText() is { } text && !string.Equals(text, Version, StringComparison.Ordinal))
        {
            version.Refuse($"this rsyncfs reads version {Version}, and not {text}", $"version: {Version}");
        }
    }

    private void ReadReceivers(ConfigMap file)
    {
        foreach (var (name, node) in file.Take("receivers")?.AsMap()?.TakeAll() ?? [])
        {
            RequireName(name, node);
            var entry = node.AsMap() is { } map ? ReceiverEntry.Read(map) : null;
            if (!_receivers.TryAdd(name, entry))
            {
                node.Refuse($"there is a receiver '{name}' already", "names are unique over all files");
            }
            else if (entry is not null)
            {
                _receiverList.Add((name, entry));
            }
        }
    }

    private void ReadJob(ConfigNode node, JobOptions defaults)
    {
        if (node.AsMap() is not { } map)
        {
            return;
        }

        var name = map.Require("name", "each job has one, as in  name: db01");
        var device = map.Take("device") is { } given
            ? given.As<string?>(StableName.Require, otherwise: null)
            : map.Require("device", "as in  device: /dev/vg0/db01");
        var options = JobSetting.ReadAll(map, defaults);
        var to = ReadDestinations(map, name ?? "");
        map.Finish();
        if (options.RetryFirst > options.RetryMax)
        {
            node.Refuse("the first retry comes later than the last", "let retry.first be at most retry.max");
        }

        if (name is null || device is null)
        {
            return;
        }

        RequireName(name, node);
        Unique(_jobPlaces, name, node, $"there is a job '{name}' already");
        Unique(
            _devicePlaces,
            device,
            node,
            $"another job reads {device} already, and one job can have several destinations"
        );
        foreach (var there in to)
        {
            Unique(
                _wayPlaces,
                there.Where.ToString(),
                node,
                $"{there.Where} is written by another job already"
            );
        }

        _jobs.Add(new Job(name, device, to, options));
    }

    private List<JobDestination> ReadDestinations(ConfigMap job, string name)
    {
        if (job.Take("to") is not { } list)
        {
            _ = job.Require("to", "as in  to: [backup1]  or  to: [/backup/db01.img]");
            return [];
        }

        var items = list.AsList();
        if (list.IsList && items.Count == 0)
        {
            list.Refuse("it is empty", "name a receiver, or a local device or image");
        }

        var destinations = new List<JobDestination>();
        foreach (var item in items)
        {
            if (ReadDestination(item, name) is not { } there)
            {
                continue;
            }

            if (destinations.Exists(other => string.Equals(other.Name, there.Name, StringComparison.Ordinal)))
            {
                item.Refuse($"'{there.Name}' stands there already", "each destination once");
                continue;
            }

            destinations.Add(there);
        }

        return destinations;
    }

    private JobDestination? ReadDestination(ConfigNode item, string job)
    {
        if (!item.IsMap)
        {
            return item.AsText() is { } text ? Find(item, text, job) : null;
        }

        var map = item.AsMap()!;
        var receiver = map.Require("receiver", "the name of one of 'receivers'");
        var target = map.Read("target", RequireTarget, job);
        map.Finish();
        return receiver is null ? null : Find(item, receiver, target);
    }

    private JobDestination? Find(ConfigNode item, string name, string target)
    {
        if (name.StartsWith('/'))
        {
            return new JobDestination(name, new LocalDestination(item.As(StableName.Require, name)));
        }

        if (!_receivers.TryGetValue(name, out var receiver))
        {
            var nearest = NearestWord.Find(name, _receivers.Keys);
            item.Refuse(
                $"there is no receiver '{name}'",
                nearest is not null
                    ? $"did you mean '{nearest}'?"
                    : $"name it under 'receivers', with its url; a local device or image is an absolute path"
            );
        }

        return receiver is null || !TargetName.IsValid(target)
            ? null
            : new JobDestination(name, receiver.At(target))
            {
                Pin = receiver.Pin,
                Ssh = receiver.Ssh,
                AllowPlaintext = receiver.AllowPlaintext,
                Compression = receiver.Compression,
                Rates = receiver.Rates,
            };
    }

    private static void RequireName(string name, ConfigNode node)
    {
        if (!TargetName.IsValid(name))
        {
            node.Refuse($"'{name}' is not a name", TargetName.Rule);
        }
    }

    private static string RequireTarget(string name) =>
        TargetName.IsValid(name)
            ? name
            : throw UsageError.Of($"'{name}' is not a target's name", TargetName.Rule);

    private static void Unique(
        Dictionary<string, ConfigPlace> places,
        string key,
        ConfigNode node,
        string message
    )
    {
        if (!places.TryAdd(key, node.Place))
        {
            node.Refuse(message, $"the other one: {places[key]}");
        }
    }

    private static string? Absolute(string text) =>
        Path.IsPathRooted(text)
            ? text
            : throw UsageError.Of($"'{text}' is not an absolute path", "begin it with a slash");
}
