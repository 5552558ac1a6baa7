using Weft.Fabric.Hw.SharpPcap;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Live;

// weft-pcap COMMAND --link pcap:IFACE ...: weft's own command line, with one more kind of link.
LinkSchemes.Add(new("pcap", "pcap:IFACE", "for a network interface through libpcap", request => PcapLink.Open(request.Rest)));
return await CommandLine.Create().Parse(args).InvokeAsync();
