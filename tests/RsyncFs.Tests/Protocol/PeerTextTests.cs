using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using Xunit;

namespace RsyncFs.Tests.Protocol;

/// <summary>What a peer says is shown and logged: it steers no terminal, fakes no line, and hides nothing.</summary>
public sealed class PeerTextTests
{
    /// <summary>Controls, the other begin of an escape sequence, overrides of direction, line breaks, letters that are not seen; at last one that takes two UTF-16 letters.</summary>
    public static TheoryData<string> Letters =>
        [
            "\u001B",
            "\u009B",
            "\r",
            "\n",
            "\t",
            "\0",
            "\u007F",
            "\u200B",
            "\u202E",
            "\u2066",
            "\u2028",
            "\u2029",
            "\uFEFF",
            "\U000E0041",
        ];

    [Theory]
    [MemberData(nameof(Letters))]
    public void ANameWithALetterThatIsNoneIsAViolation(string letter)
    {
        Assert.False(PeerText.IsPlain($"web{letter}1"));
        foreach (
            var message in new Message[]
            {
                new Hello(2, 2, "rsyncfs", $"web{letter}1"),
                new Hello(2, 2, $"rsyncfs{letter}", "web1"),
                new Welcome(2, "rsyncfs", letter),
                new Refused($"bug{letter}", "", "", "", ""),
            }
        )
        {
            var payload = Frames.Encode(message, format: null).AsMemory(FrameHeader.LengthBytes);
            Assert.Throws<ProtocolException>(() => MessageCoding.Decode(message.Type, payload, format: null));
        }
    }

    [Theory]
    [MemberData(nameof(Letters))]
    public void InATextItBecomesABlank(string letter)
    {
        var refused = new Refused("target-busy", $"a{letter}b", $"c{letter}d", $"e{letter}f", $"g{letter}h");
        var error = Refusal.Read(refused, "10.0.0.7:8730");
        Assert.Equal(
            ("a b", "10.0.0.7:8730: c d", "e f", "g h"),
            (error.Message, error.Where, error.Cause, error.Hint)
        );
    }

    [Fact]
    public void WhatPeopleWriteStaysAsItIs()
    {
        const string Text = "Größe 7, 日本, x/y:z, 🦀";
        Assert.True(PeerText.IsPlain(Text));
        Assert.Equal(Text, PeerText.Clean(Text, 128));
    }
}
