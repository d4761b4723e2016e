(function () {
  'use strict';
  var picture = JSON.parse(document.getElementById('picture-data').textContent);
  var box = document.getElementById('network');
  var chosen = document.getElementById('chosen');
  var hint = chosen.textContent;
  if (!picture.nodes.length) { return; }
  var nodes = new vis.DataSet(picture.nodes);
  var edges = new vis.DataSet(picture.edges);
  var network = new vis.Network(box, {nodes: nodes, edges: edges}, picture.options);
  var READABLE = picture.nodes.length > 100 ? 0.55 : 0.72;

  function wholeScale() {
    network.fit({maxZoomLevel: 1.4});
    return network.getScale();
  }
  function begin() {
    // On a phone the whole network would be dust: start round the centre, at a size that can be read.
    if (wholeScale() < READABLE && box.clientWidth < 700) {
      var start = picture.nodes[0];
      network.moveTo({position: {x: start.x, y: start.y}, scale: READABLE});
    }
  }
  function zoom(factor) {
    var scale = Math.min(4, Math.max(0.05, network.getScale() * factor));
    network.moveTo({scale: scale, animation: {duration: 150}});
  }
  function bring(id, action) { document.getElementById(id).addEventListener('click', action); }
  bring('zoom-in', function () { zoom(1.35); });
  bring('zoom-out', function () { zoom(1 / 1.35); });
  bring('zoom-all', function () { network.fit({animation: {duration: 200}}); });
  document.querySelector('.tools').hidden = false;

  function show(near) {
    nodes.update(picture.nodes.map(function (node) {
      var dim = near && near.indexOf(node.id) < 0;
      var font = Object.assign({}, node.font, {color: dim ? '#B4BCC6' : '#1B2430'});
      return {id: node.id, opacity: dim ? 0.25 : 1, font: font};
    }));
  }
  network.on('selectNode', function (event) {
    var id = event.nodes[0];
    show(network.getConnectedNodes(id).concat([id]));
    chosen.textContent = nodes.get(id).title.split('\n').join(' · ');
  });
  network.on('selectEdge', function (event) {
    if (!event.nodes.length) { chosen.textContent = edges.get(event.edges[0]).title; }
  });
  function none() { show(null); chosen.textContent = hint; }
  network.on('deselectNode', function (event) { if (!event.nodes.length) { none(); } });
  network.on('deselectEdge', function (event) { if (!event.nodes.length && !event.edges.length) { none(); } });

  // In a hidden or narrow frame the size comes later than the script.
  var touched = false;
  ['dragStart', 'zoom', 'click'].forEach(function (name) { network.on(name, function () { touched = true; }); });
  network.on('resize', function () { if (!touched) { setTimeout(begin, 0); } });
  // Marks know how large they are only once drawn; a fit before that is off the middle.
  network.once('afterDrawing', function () {
    setTimeout(function () {
      begin();
      document.documentElement.setAttribute('data-picture', 'ready');
    }, 0);
  });
  begin();
})();
