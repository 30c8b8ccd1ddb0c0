"""How words and bytes travel: clock, MQTT link, asking, serial and TCP lines, and the running of a process.

Read in this order: clock, link, mqtt_aiomqtt, asking, lines, attend, room, embedded_broker.
"""
